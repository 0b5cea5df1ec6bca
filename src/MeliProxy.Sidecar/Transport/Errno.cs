using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MeliProxy.Sidecar.Transport;

/// <summary>Why a call of the system failed, by its numbers on Linux.</summary>
internal static class Errno
{
    public const int Interrupted = 4;
    public const int BadDescriptor = 9;
    public const int TryAgain = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int InvalidArgument = 22;
    public const int FileTableFull = 23;
    public const int TooManyFiles = 24;
    public const int BrokenPipe = 32;
    public const int AddressNotAvailable = 99;
    public const int NetworkDown = 100;
    public const int NetworkUnreachable = 101;
    public const int ConnectionReset = 104;
    public const int NoBuffers = 105;
    public const int TimedOut = 110;
    public const int ConnectionRefused = 111;
    public const int HostUnreachable = 113;
    public const int InProgress = 115;

    /// <summary>The reason of the call before.</summary>
    public static int Last() => Marshal.GetLastSystemError();

    /// <summary>Whether the other side has closed the connection without taking or sending everything.</summary>
    public static bool IsReset(int errno) => errno is ConnectionReset or BrokenPipe;

    public static SocketException ToException(int errno) => new(
        (int)(errno switch
        {
            AccessDenied => SocketError.AccessDenied,
            BadDescriptor => SocketError.OperationAborted,
            TooManyFiles or FileTableFull => SocketError.TooManyOpenSockets,
            NoMemory or NoBuffers => SocketError.NoBufferSpaceAvailable,
            BrokenPipe or ConnectionReset => SocketError.ConnectionReset,
            AddressNotAvailable => SocketError.AddressNotAvailable,
            NetworkDown => SocketError.NetworkDown,
            NetworkUnreachable => SocketError.NetworkUnreachable,
            TimedOut => SocketError.TimedOut,
            ConnectionRefused => SocketError.ConnectionRefused,
            HostUnreachable => SocketError.HostUnreachable,
            InvalidArgument => SocketError.InvalidArgument,
            _ => SocketError.SocketError,
        }),
        Marshal.GetPInvokeErrorMessage(errno));
}
