namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>How the body of a request is framed for the upstream.</summary>
internal enum RequestFraming
{
    /// <summary>There is none, and nothing is said of it.</summary>
    None,

    /// <summary>A length is said, which may be 0.</summary>
    Length,

    /// <summary>In chunks, as nobody has said how long it is.</summary>
    Chunked,
}
