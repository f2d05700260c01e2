# What the scripts share; to be sourced. Where the servers are, and whose key is used, is in the
# environment, as a site has it in ldap.conf and krb5.conf; a ticket is fetched when there is none.
# remctld tells who the caller is, and hands over the name of the command before its arguments.
set -eu
shift
caller=${REMOTE_USER%@*}
people=ou=People,$LDAPBASE
groups=ou=Group,$LDAPBASE

refuse() {
  echo "$*" >&2
  exit 1
}

# A name goes into filters.
check_name() {
  case $1 in
    '' | *[!a-z0-9-]*) refuse "$1 is no username" ;;
  esac
}

search() {
  ldapsearch -Q -LLL -o ldif-wrap=no -E pr=500/noprompt "$@"
}

require_staff() {
  search "(&(|(cn=office)(cn=syscom))(uniqueMember=uid=$caller,$people))" cn | grep -q '^cn:' ||
    refuse "$caller is not staff"
}

# Sets the uid, the home and all gids of a user, by one search for the account and its groups.
look_up() {
  uid='' home='' gids=''
  while read -r key value; do
    case $key in
      uidNumber:) uid=$value ;;
      homeDirectory:) home=$value ;;
      gidNumber:) gids=$gids${gids:+,}$value ;;
    esac
  done <<END
$(search "(|(uid=$1)(uniqueMember=uid=$1,$people))" uidNumber gidNumber homeDirectory)
END
  [ -n "$uid" ] || refuse "there is no user $1"
}

# As the user who was looked up, whose gid is the uid.
as_user() {
  setpriv --reuid="$uid" --regid="$uid" --groups="$gids" -- "$@"
}
