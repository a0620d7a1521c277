# The address of a file, and every wrong form people have been handed for it.
# The same grammar as hexakit/addresses.py; the tests run both on the same names.

bucket_pattern <- "[A-Za-z0-9][A-Za-z0-9._-]{1,221}"

# The address, s3://bucket/key or gs://bucket/key; stops at what is none.
address <- function(anything) {
  text <- enc2utf8(as.character(anything))
  stopifnot(length(text) == 1L, !is.na(text))
  for (read in list(canonical, drive_path, web_link, workspace_path)) {
    found <- read(text)
    if (!is.null(found)) return(found)
  }
  stop(
    dQuote(text, FALSE), " is not the address of a file. ",
    "Addresses look like s3://bucket/folder/file.csv",
    call. = FALSE
  )
}

# The groups of a whole match, or NULL.
groups <- function(pattern, text) {
  found <- regmatches(text, regexec(paste0("(?s)^", pattern, "$"), text, perl = TRUE))[[1]]
  if (length(found) == 0L) NULL else found[-1]
}

canonical <- function(text) {
  found <- groups(paste0("(s3|gs)://(", bucket_pattern, ")(?:/(.*))?"), text)
  if (is.null(found)) NULL else built(found)
}

drive_path <- function(text) {
  drive <- paste0("/?(s3|gs|gcs):/*(", bucket_pattern, ")((?:~[^/~]+)*)(?:/+(.*))?")
  found <- groups(drive, text)
  if (is.null(found)) return(NULL)
  built(c(found[1:2], paste0(folder_named(found[3]), found[4])))
}

# The folder of its bucket that a drive is: "raw/2026/" of "~raw~2026".
folder_named <- function(marks) {
  if (marks == "") return("")
  names <- strsplit(substring(marks, 2), "~", fixed = TRUE)[[1]]
  names <- gsub("%25", "%", gsub("%7E", "\001", names, fixed = TRUE), fixed = TRUE)
  paste0(gsub("\001", "~", names, fixed = TRUE), "/", collapse = "")
}

web_link <- function(text) {
  if (!grepl("^https?://", text)) return(NULL)
  path <- sub("[?#].*$", "", sub("^https?://[^/]*", "", text))
  segments <- strsplit(path, "/", fixed = TRUE)[[1]]
  at <- grep("^(s3|gs|gcs)(:|%3A)", segments, ignore.case = TRUE)
  if (length(at) == 0L) return(NULL)
  rest <- paste(segments[at[1]:length(segments)], collapse = "/")
  # strsplit() drops what is empty at the end.
  drive_path(decoded(if (endsWith(path, "/")) paste0(rest, "/") else rest))
}

workspace_path <- function(text) {
  key <- key_in_workspace(text)
  if (is.null(key)) return(NULL)
  bucket <- Sys.getenv("WORKSPACE_BUCKET_NAME")
  if (bucket == "") {
    stop(
      dQuote(text, FALSE), " lies in the workspace's folder, but ",
      "WORKSPACE_BUCKET_NAME does not say which bucket that is.",
      call. = FALSE
    )
  }
  is_google <- Sys.getenv("WORKSPACE_STORAGE_ENGINE") == "gcp"
  built(c(if (is_google) "gs" else "s3", bucket, key))
}

# Key of a path in the workspace's folder; NULL where it leaves that folder.
key_in_workspace <- function(text) {
  mounted <- sub("/+$", "", Sys.getenv("WORKSPACE_FILES_PATH"))
  if (mounted != "" && (text == mounted || startsWith(text, paste0(mounted, "/")))) {
    inside <- substring(text, nchar(mounted) + 1L)
  } else {
    found <- groups("(?:/home/(?:hexa|jovyan)/|~/|\\./)?workspace(?:/(.*))?", text)
    if (is.null(found)) return(NULL)
    inside <- found[1]
  }
  kept <- character()
  for (segment in strsplit(inside, "/", fixed = TRUE)[[1]]) {
    if (segment == "..") {
      if (length(kept) == 0L) return(NULL)
      kept <- kept[-length(kept)]
    } else if (!segment %in% c("", ".")) {
      kept <- c(kept, segment)
    }
  }
  key <- paste(kept, collapse = "/")
  if (key != "" && endsWith(text, "/")) paste0(key, "/") else key
}

built <- function(found) {
  scheme <- if (found[1] == "s3") "s3" else "gs"
  enc2utf8(paste0(scheme, "://", found[2], "/", found[3]))
}

# URLdecode() warns about a "%" that escapes nothing; such a "%" stays.
decoded <- function(text) {
  text <- gsub("%(?![0-9A-Fa-f]{2})", "%25", text, perl = TRUE)
  plain <- URLdecode(text)
  Encoding(plain) <- "UTF-8"
  plain
}

encoded <- function(text) {
  bytes <- as.integer(charToRaw(enc2utf8(text)))
  plain <- strsplit(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", ""
  )[[1]]
  signs <- vapply(bytes, function(byte) {
    sign <- if (byte < 128L) rawToChar(as.raw(byte)) else ""
    if (sign %in% plain) sign else sprintf("%%%02X", byte)
  }, "")
  paste(signs, collapse = "")
}
