using System.Net;
using System.Net.Sockets;

namespace MeliProxy.Sidecar.Transport;

/// <summary>What is asked of sockets by their addresses.</summary>
internal static unsafe class SocketCalls
{
    /// <summary>The longest address of a kind that is used (struct sockaddr_in6).</summary>
    public const int AddressSize = 28;

    private static readonly IPEndPoint s_anyV4 = new(IPAddress.Any, 0);
    private static readonly IPEndPoint s_anyV6 = new(IPAddress.IPv6Any, 0);

    /// <summary>Makes a non-blocking socket and begins to connect it.</summary>
    /// <exception cref="SocketException">That failed at once.</exception>
    public static int BeginConnect(IPEndPoint endPoint)
    {
        int family = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? LibC.InternetAddressV6 : LibC.InternetAddress;
        int descriptor = LibC.Socket(family, LibC.StreamSocket | LibC.NonBlocking | LibC.CloseOnExec, 0);
        if (descriptor < 0)
        {
            throw Errno.ToException(Errno.Last());
        }

        SetNoDelay(descriptor);
        SocketAddress address = endPoint.Serialize();
        int result;
        fixed (byte* bytes = address.Buffer.Span)
        {
            result = LibC.Connect(descriptor, bytes, address.Size);
        }

        if (result < 0 && Errno.Last() is int errno && errno is not (Errno.InProgress or Errno.Interrupted))
        {
            _ = LibC.Close(descriptor);
            throw Errno.ToException(errno);
        }

        return descriptor;
    }

    /// <summary>Sends small parts at once.</summary>
    public static void SetNoDelay(int descriptor)
    {
        int on = 1;
        _ = LibC.SetSocketOption(descriptor, LibC.TcpLevel, LibC.NoDelayOption, &on, sizeof(int));
    }

    public static EndPoint? LocalEndPoint(int descriptor)
    {
        Span<byte> address = stackalloc byte[AddressSize];
        int length = AddressSize;
        fixed (byte* bytes = address)
        {
            return LibC.GetSocketName(descriptor, bytes, &length) < 0 ? null : ToEndPoint(address[..length]);
        }
    }

    public static EndPoint? ToEndPoint(ReadOnlySpan<byte> address)
    {
        if (address.Length < sizeof(ushort))
        {
            return null;
        }

        bool isV6 = BitConverter.ToUInt16(address) == LibC.InternetAddressV6;
        SocketAddress copy = new(isV6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
        if (address.Length < copy.Size)
        {
            return null;
        }

        address[..copy.Size].CopyTo(copy.Buffer.Span);
        return (isV6 ? s_anyV6 : s_anyV4).Create(copy);
    }
}
