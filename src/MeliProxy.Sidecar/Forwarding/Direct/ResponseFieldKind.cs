namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>What a header field of an answer is to the proxy.</summary>
internal enum ResponseFieldKind
{
    /// <summary>Handed on.</summary>
    EndToEnd,

    /// <summary>Of this connection only; not handed on.</summary>
    HopByHop,

    /// <summary>The length of the body.</summary>
    ContentLength,

    /// <summary>How the body is framed.</summary>
    TransferEncoding,

    /// <summary>Whether the connection stays, and which other fields are of this connection only.</summary>
    Connection,
}
