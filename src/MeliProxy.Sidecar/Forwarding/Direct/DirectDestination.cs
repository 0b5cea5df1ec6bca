using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Yarp.ReverseProxy.Model;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>A destination of YARP's, with what it takes to go there straight.</summary>
internal sealed class DirectDestination
{
    private readonly object _concurrency;

    public DirectDestination(DestinationState state, DestinationModel model, Uri address, UpstreamPool pool)
    {
        State = state;
        Model = model;
        Pool = pool;
        Address = model.Config.Address;
        TargetPrefix = Encoding.Latin1.GetBytes(address.AbsolutePath.TrimEnd('/'));
        string host = model.Config.Host ?? (address.IsDefaultPort
            ? HostOf(address)
            : string.Create(CultureInfo.InvariantCulture, $"{HostOf(address)}:{address.Port}"));
        HostLine = Encoding.Latin1.GetBytes($" HTTP/1.1\r\nHost: {host}\r\n");
        _concurrency = CounterOf(state);
    }

    /// <summary>The destination, whose health YARP decides on.</summary>
    public DestinationState State { get; }

    /// <summary>What its address was taken from.</summary>
    public DestinationModel Model { get; }

    public UpstreamPool Pool { get; }

    /// <summary>Its address, for people.</summary>
    public string Address { get; }

    /// <summary>What goes before the target of each request.</summary>
    public byte[] TargetPrefix { get; }

    /// <summary>What comes after the target: the rest of the request line, and the host.</summary>
    public byte[] HostLine { get; }

    /// <summary>A request goes there; YARP's load balancing counts them.</summary>
    public void Begin() => Increment(_concurrency);

    /// <summary>A request that went there has ended.</summary>
    public void End() => Decrement(_concurrency);

    private static string HostOf(Uri address) => address.HostNameType == UriHostNameType.IPv6 ? address.Host : address.IdnHost;

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_ConcurrencyCounter")]
    [return: UnsafeAccessorType("Yarp.ReverseProxy.Utilities.AtomicCounter, Yarp.ReverseProxy")]
    private static extern object CounterOf(DestinationState destination);

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern int Increment([UnsafeAccessorType("Yarp.ReverseProxy.Utilities.AtomicCounter, Yarp.ReverseProxy")] object counter);

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern int Decrement([UnsafeAccessorType("Yarp.ReverseProxy.Utilities.AtomicCounter, Yarp.ReverseProxy")] object counter);
}
