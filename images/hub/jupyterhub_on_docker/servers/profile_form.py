"""The form for a profile, inside JupyterHub's own form with its button and look (Bootstrap)."""

from markupsafe import Markup

from ..config.profiles import Profile

_FORM = Markup(
    '<fieldset class="profiles"><legend>Kind of server</legend>'
    '<div class="list-group">{items}</div></fieldset>'
)
_ITEM = Markup(
    '<div class="list-group-item"><div class="form-check">'
    '<input class="form-check-input" type="radio" name="profile" id="profile-{slug}" value="{slug}" required'
    "{described}{checked}>"
    '<label class="form-check-label fw-bold" for="profile-{slug}">{name}</label>{description}</div></div>'
)
_DESCRIPTION = Markup('<div class="form-text" id="profile-{slug}-description">{text}</div>')


def render(profiles: list[Profile], selected: str) -> str:
    """A group of radio buttons, so that keyboard and screen reader work as they do everywhere."""
    return str(_FORM.format(items=Markup().join(_item(profile, selected) for profile in profiles)))


def _item(profile: Profile, selected: str) -> Markup:
    slug, text = profile.slug, profile.description
    return _ITEM.format(
        slug=slug,
        name=profile.name,
        checked=Markup(" checked") if slug == selected else "",
        described=Markup(' aria-describedby="profile-{}-description"').format(slug) if text else "",
        description=_DESCRIPTION.format(slug=slug, text=text) if text else "",
    )
