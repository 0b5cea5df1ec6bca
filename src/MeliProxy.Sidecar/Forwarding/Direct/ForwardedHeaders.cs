namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Who sets the headers that tell an upstream whom a request comes from.</summary>
internal enum ForwardedHeaders
{
    /// <summary>As <see cref="TrustedForwardingTransform"/> does.</summary>
    Trusted,

    /// <summary>As YARP does where nothing is said of transforms: what is there is replaced.</summary>
    Replaced,
}
