"""A placement.conf for emplace with Keystone."""


def keystone_options(auth_url, /, **changes):
    """A configuration for this Keystone; a change to None takes an option away."""
    options = {
        'auth_type': 'password', 'auth_url': auth_url, 'username': 'placement',
        'user_domain_name': 'Default', 'password': 'own-secret', 'project_name': 'service',
        'project_domain_name': 'Default', 'http_request_max_retries': '0', **changes}
    return {'api': {'auth_strategy': 'keystone'},
            'DEFAULT': {'debug': 'true', 'log_options': 'true'},
            'keystone_authtoken': {name: value for name, value in options.items()
                                   if value is not None}}
