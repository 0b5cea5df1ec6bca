namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

/// <summary>How the two sidecars of an exchange are configured, beside the forwarder.</summary>
internal enum Setting
{
    /// <summary>One upstream, and no client is believed what it says of others.</summary>
    Plain,

    /// <summary>The client is a trusted proxy.</summary>
    TrustedClient,

    /// <summary>The upstream has a path of its own.</summary>
    UpstreamWithPath,
}
