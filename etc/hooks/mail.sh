# What the hooks share: the site's settings, and how a message is sent.
# shellcheck shell=sh

# Edit these. ceod gives its hooks an environment of PATH and LANG alone; for a
# trial by hand, each can be given there.
: "${SENDMAIL:=/usr/sbin/sendmail}"
: "${CLUB:=Computer Science Club}"
# Members read their mail at USERNAME@MAIL_DOMAIN.
: "${MAIL_DOMAIN:=example.org}"
: "${NOTIFY_FROM:=ceo@$MAIL_DOMAIN}"
# Who hears of new accounts, and answers questions.
: "${NOTIFY_TO:=office@$MAIL_DOMAIN}"
# Where members log in.
: "${LOGIN_HOST:=login.$MAIL_DOMAIN}"

# Text is taken as bytes, so that ranges mean the same everywhere.
LC_ALL=C
export LC_ALL

fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

# Fails unless it is a username: addresses are made of it.
check_username() {
  case $1 in
    '' | [!a-z0-9_]* | *[!-a-z0-9_.]*) fail 'this is no username' ;;
  esac
}

# Characters that are not seen but act: C1 controls, line and paragraph
# separators, and what changes the direction of text.
unseen=$(printf 's/\302[\200-\237]//g;s/\342\200[\216\217\250-\256]//g;s/\342\201[\246-\251]//g')

# Standard input as text: valid UTF-8 without control characters, in lines.
text() {
  iconv -c -f UTF-8 -t UTF-8 2>/dev/null | tr -d '\000-\011\013-\037\177' | sed "$unseen"
}

# The same of an argument, in one line.
line() {
  case $1 in
    *[!\ -~]*) printf '%s' "$1" | text | tr -d '\n' ;;
    *) printf '%s' "$1" ;;
  esac
}

# Encoded-words (RFC 2047), one a line. 39 bytes make a word of 64 characters:
# behind `Subject: ` it stays below the 76 that a line may have.
words() {
  printf '%s\n' "$1" | awk '{
    while (length($0) > 39) {
      end = 39
      # The next word begins with a character, not within one.
      while (substr($0, end + 1, 1) ~ /[\200-\277]/) end--
      print substr($0, 1, end)
      $0 = substr($0, end + 1)
    }
    print
  }' | while IFS= read -r part; do
    printf '=?UTF-8?B?%s?=\n' "$(printf '%s' "$part" | base64)"
  done | sed '2,$s/^/ /'
}

# One line of text as the body of a header: as it is if that is short ASCII that
# nobody takes for an encoded-word.
unstructured() {
  case $1 in
    *[!\ -~]* | *'=?'*) words "$1" ;;
    *) if [ ${#1} -gt 60 ]; then words "$1"; else printf '%s' "$1"; fi ;;
  esac
}

# The club and its address.
sender() {
  club=$(line "$CLUB")
  case $club in
    *[!A-Za-z0-9\ ]*) printf '%s\n <%s>' "$(words "$club")" "$(line "$NOTIFY_FROM")" ;;
    *) printf '%s <%s>' "$club" "$(line "$NOTIFY_FROM")" ;;
  esac
}

# send TO SUBJECT: mails standard input; fails if sendmail does.
send() {
  from=$(sender)
  to=$(line "$1")
  subject=$(unstructured "$(line "$2")")
  {
    cat <<END
From: $from
To: $to
Subject: $subject
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
Auto-Submitted: auto-generated

END
    cat
  } | "$SENDMAIL" -t -i || {
    printf '%s: no mail to %s: %s failed\n' "${0##*/}" "$to" "$SENDMAIL" >&2
    return 1
  }
}
