using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using MeliProxy.SharingBench.Load;

namespace MeliProxy.LoadBench.Load;

/// <summary>
/// Keep-alive connections on which one thread makes requests when they are due, and sees answers as soon as they come. A request for which no
/// connection is free waits, and its latency counts from when it was due.
/// </summary>
/// <remarks>h2load and wrk are no help here: one sends the requests of a tenth of a second at once, the other knows no rate.</remarks>
public sealed class PacedConnections : IDisposable
{
    private const int Count = 64;
    private const short Readable = 1;

    /// <summary>What the system passes over.</summary>
    private const int NoHandle = -1;

    private const int SetTimerSlack = 29;
    private const long LastPatience = 2 * Clock.Second;

    private readonly Socket[] _sockets = new Socket[Count];
    private readonly long[] _due = new long[Count];
    private readonly int[] _received = new int[Count];
    private readonly byte[][] _buffers = new byte[Count][];
    private readonly Poll[] _polls = new Poll[Count];
    private readonly Stack<int> _free = new(Count);
    private readonly byte[] _request;

    public PacedConnections(int port, string path)
    {
        _request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
        for (int i = 0; i < Count; i++)
        {
            _sockets[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _sockets[i].Connect(IPAddress.Loopback, port);
            _buffers[i] = new byte[16 * 1024];
            _polls[i] = new Poll { Handle = NoHandle, Asked = Readable };
            _free.Push(i);
        }
    }

    /// <summary>Makes the requests and waits for their answers.</summary>
    /// <param name="schedule">The nanoseconds after which each is due.</param>
    public LoadResult Run(long[] schedule)
    {
        // Otherwise the kernel wakes a thread up to 50 µs late.
        _ = PrCtl(SetTimerSlack, 1, 0, 0, 0);
        double[] latencies = new double[schedule.Length];
        int answers = 0;
        int rejected = 0;
        int failures = 0;
        int next = 0;
        long start = Clock.Now;
        long end = start + schedule[^1] + LastPatience;
        for (long now = start; (next < schedule.Length || _free.Count < Count - failures) && now < end; now = Clock.Now)
        {
            for (; next < schedule.Length && start + schedule[next] <= now && _free.TryPop(out int i); next++)
            {
                _due[i] = start + schedule[next];
                _received[i] = 0;
                _sockets[i].Send(_request, SocketFlags.None, out _);
                _polls[i].Handle = (int)_sockets[i].Handle;
            }

            long wait = next == schedule.Length || _free.Count == 0 ? end - now : Math.Max(0, start + schedule[next] - Clock.Now);
            _ = PPoll(_polls, Count, new TimeSpec(wait / Clock.Second, wait % Clock.Second), 0);
            for (int i = 0; i < Count; i++)
            {
                if (_polls[i].Returned == 0)
                {
                    continue;
                }

                _polls[i].Returned = 0;
                int received = _sockets[i].Receive(_buffers[i].AsSpan(_received[i]), SocketFlags.None, out _);
                _received[i] += received;
                bool isComplete = IsComplete(_buffers[i].AsSpan(0, _received[i]), out bool isRejected);
                if (received == 0)
                {
                    // Closed without an answer; the connection is used no more.
                    failures++;
                    _polls[i].Handle = NoHandle;
                }
                else if (isComplete)
                {
                    latencies[answers++] = (Clock.Now - _due[i]) / 1e6;
                    rejected += isRejected ? 1 : 0;
                    _polls[i].Handle = NoHandle;
                    _free.Push(i);
                }
            }
        }

        TimeSpan duration = TimeSpan.FromMicroseconds((Clock.Now - start) / 1e3);
        return LoadResult.Of(latencies[..answers], rejected, schedule.Length - answers, duration);
    }

    public void Dispose()
    {
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private static bool IsComplete(ReadOnlySpan<byte> answer, out bool isRejected)
    {
        isRejected = answer.Length > 9 && answer[9] != '2';
        int head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        // The proxies do not agree about the case of names.
        string fields = Encoding.ASCII.GetString(answer[..head]);
        const string length = "\r\ncontent-length: ";
        int at = fields.IndexOf(length, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return answer.EndsWith("0\r\n\r\n"u8);
        }

        ReadOnlySpan<char> value = fields.AsSpan(at + length.Length);
        int line = value.IndexOf('\r');
        return answer.Length >= head + 4 + int.Parse(line < 0 ? value : value[..line]);
    }

    [DllImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int PPoll([In, Out] Poll[] polls, nuint count, in TimeSpec time, nint signals);

    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int PrCtl(int option, nuint a, nuint b, nuint c, nuint d);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int Handle;
        public short Asked;
        public short Returned;
    }

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
