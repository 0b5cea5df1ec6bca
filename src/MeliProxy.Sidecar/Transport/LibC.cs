using System.Runtime.InteropServices;

namespace MeliProxy.Sidecar.Transport;

/// <summary>The calls of Linux that sockets and their loops need.</summary>
/// <remarks>
/// All arguments are blittable, so a call costs little more than it would in C. A failed one has left its reason in
/// <see cref="Marshal.GetLastSystemError"/>, which has to be asked at once.
/// </remarks>
internal static unsafe partial class LibC
{
    public const int InternetAddress = 2;
    public const int InternetAddressV6 = 10;
    public const int StreamSocket = 1;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;
    public const int NoSignal = 0x4000;
    public const int MoreToCome = 0x8000;
    public const int ShutdownSending = 1;
    public const int SocketLevel = 1;
    public const int TcpLevel = 6;
    public const int ErrorOption = 4;
    public const int LingerOption = 13;
    public const int NoDelayOption = 1;
    public const int DuplicateCloseOnExec = 1030;

    [LibraryImport("libc", EntryPoint = "recv")]
    public static partial nint Receive(int descriptor, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    public static partial nint Send(int descriptor, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "accept4")]
    public static partial int Accept(int descriptor, byte* address, int* addressLength, int flags);

    [LibraryImport("libc", EntryPoint = "socket")]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "connect")]
    public static partial int Connect(int descriptor, byte* address, int addressLength);

    [LibraryImport("libc", EntryPoint = "getsockname")]
    public static partial int GetSocketName(int descriptor, byte* address, int* addressLength);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    public static partial int SetSocketOption(int descriptor, int level, int option, void* value, int valueLength);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    public static partial int GetSocketOption(int descriptor, int level, int option, void* value, int* valueLength);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    public static partial int Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    // Declared with the one argument that is used; where variable arguments are passed otherwise than fixed ones (Apple's arm64), this is not used.
    [LibraryImport("libc", EntryPoint = "fcntl")]
    public static partial int Control(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    public static partial int CreateEpoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    public static partial int ControlEpoll(int epoll, int operation, int descriptor, byte* epollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    public static partial int WaitEpoll(int epoll, byte* events, int maxEvents, int timeout);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    public static partial int CreateEvent(uint value, int flags);
}
