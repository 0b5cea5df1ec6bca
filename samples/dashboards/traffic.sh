# Sourced by run.sh: traffic that shows something of everything.

# get ADDRESS CLIENT PATH…: one request after another, over one connection. [1-9] in a path makes nine of it.
get() {
  local path urls=()
  for path in "${@:3}"; do urls+=(-o /dev/null "$1$path"); done
  curl -s -H "X-Forwarded-For: $2" "${urls[@]}" || true
}

traffic() {
  trap 'exit 0' TERM INT HUP
  local client round=-1
  while true; do
    for client in 1 2 3 4 5; do
      get "$1" "203.0.113.$client" "/items/MLA[1-$client]" "/users/$client" "/sites/MLA/categories"
      # Five at once are allowed of one category, and then one every two seconds.
      get "$1" "203.0.113.$client" "/categories/MLA97994"
    done
    # Now and then more than the two hundred that it may send at once.
    round=$((round + 1))
    [ $((round % 40)) != 0 ] || get "$1" 198.51.100.9 "/items/MLA[1-400]"
    # Eight at once of one category, of which five are allowed.
    [ $((round % 10)) != 0 ] || get "$1" 198.51.100.9 "/categories/MLA97994?[1-8]"
    # There is no such resource.
    get "$1" 198.51.100.9 "/nothing/here"
    # A body, so that there are bytes of requests.
    curl -s -o /dev/null -H "X-Forwarded-For: 203.0.113.1" -H "Content-Type: application/json" -d '{"title":"32GB"}' "$1/items" || true
    sleep 0.2
  done
}
