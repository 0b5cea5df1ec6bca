using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MeliProxy.Sidecar.Transport;

/// <summary>A thread that waits for the events of its sockets, and does what follows from them.</summary>
/// <remarks>Nothing that it does may block: all other sockets of it would wait too.</remarks>
internal sealed unsafe class EventLoop
{
    public const uint Receivable = 0x1;
    public const uint Sendable = 0x4;

    /// <summary>An error, or the end of both or of the other side's half.</summary>
    public const uint AnyPeerClosed = 0x8 | 0x10 | 0x2000;

    private const uint PeerClosedHalf = 0x2000;
    private const uint EdgeTriggered = 1u << 31;
    private const uint Once = 1u << 30;
    private const int AddOperation = 1;
    private const int ModifyOperation = 3;
    private const int Batch = 256;
    private const ulong WakeMark = ulong.MaxValue;

    /// <summary>Only there has struct epoll_event no padding.</summary>
    private static readonly bool s_isPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;

    [ThreadStatic]
    private static EventLoop? t_current;

    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private readonly ConcurrentQueue<ILoopWork> _work = new();
    private readonly int _epoll;
    private readonly int _wake;
    private LoopSocket?[] _sockets = new LoopSocket?[64];
    private int _count;
    private uint _generation;
    private int _isWoken;
    private int _turn;

    public EventLoop(string name)
    {
        _epoll = Check(LibC.CreateEpoll(LibC.CloseOnExec));
        _wake = Check(LibC.CreateEvent(1, LibC.CloseOnExec | LibC.NonBlocking));
        Control(AddOperation, _wake, Receivable | Once, WakeMark);
        Thread thread = new(Run) { IsBackground = true, Name = name };
        thread.UnsafeStart();
    }

    /// <summary>The loop whose thread this is.</summary>
    public static EventLoop? Current => t_current;

    /// <summary>How often it has asked for events.</summary>
    public int Turn => Volatile.Read(ref _turn);

    private static int EventSize => s_isPacked ? 12 : 16;

    private static int MarkOffset => s_isPacked ? 4 : 8;

    /// <summary>Begins to hand a socket its events.</summary>
    public void Add(LoopSocket socket, int descriptor)
    {
        lock (_lock)
        {
            if (!_free.TryPop(out int place))
            {
                place = _count++;
                if (place == _sockets.Length)
                {
                    LoopSocket?[] larger = new LoopSocket?[place * 2];
                    _sockets.CopyTo(larger, 0);
                    Volatile.Write(ref _sockets, larger);
                }
            }

            // The generation tells a socket's events from late ones of another that had its place before.
            socket.Mark = ((ulong)(++_generation & int.MaxValue) << 32) | (uint)place;
            Volatile.Write(ref _sockets[place], socket);
        }

        Control(AddOperation, descriptor, Receivable | Sendable | PeerClosedHalf | EdgeTriggered, socket.Mark);
    }

    /// <summary>Hands a socket no more events.</summary>
    public void Remove(LoopSocket socket)
    {
        lock (_lock)
        {
            int place = (int)(uint)socket.Mark;
            if (place < _sockets.Length && _sockets[place] == socket)
            {
                Volatile.Write(ref _sockets[place], null);
                _free.Push(place);
            }
        }
    }

    /// <summary>Has something done on this thread, after what it is doing now.</summary>
    public void Post(ILoopWork work)
    {
        _work.Enqueue(work);
        if (Interlocked.Exchange(ref _isWoken, 1) == 0 && t_current != this)
        {
            // It always has something to say, so to be asked to say it once more is enough.
            Control(ModifyOperation, _wake, Receivable | Once, WakeMark);
        }
    }

    private static int Check(int result) => result >= 0 ? result : throw Errno.ToException(Errno.Last());

    private void Control(int operation, int descriptor, uint events, ulong mark)
    {
        byte* epollEvent = stackalloc byte[16];
        Unsafe.WriteUnaligned(epollEvent, events);
        Unsafe.WriteUnaligned(epollEvent + MarkOffset, mark);
        Check(LibC.ControlEpoll(_epoll, operation, descriptor, epollEvent));
    }

    private void Run()
    {
        t_current = this;
        byte* events = (byte*)NativeMemory.Alloc(Batch, 16);
        int size = EventSize;
        int markOffset = MarkOffset;
        while (true)
        {
            int count = LibC.WaitEpoll(_epoll, events, Batch, Volatile.Read(ref _isWoken) != 0 ? 0 : -1);
            Volatile.Write(ref _turn, _turn + 1);
            for (int i = 0; i < count; i++)
            {
                byte* epollEvent = events + (i * size);
                Dispatch(Unsafe.ReadUnaligned<uint>(epollEvent), Unsafe.ReadUnaligned<ulong>(epollEvent + markOffset));
            }

            if (Volatile.Read(ref _isWoken) != 0)
            {
                DoWork();
            }
        }
    }

    private void Dispatch(uint events, ulong mark)
    {
        LoopSocket?[] sockets = Volatile.Read(ref _sockets);
        uint place = (uint)mark;
        if (place < (uint)sockets.Length && Volatile.Read(ref sockets[place]) is { } socket && socket.Mark == mark)
        {
            socket.OnEvents(events);
        }
    }

    private void DoWork()
    {
        // What is posted from here on wakes it again.
        Interlocked.Exchange(ref _isWoken, 0);
        for (int left = _work.Count; left > 0 && _work.TryDequeue(out ILoopWork? work); left--)
        {
            work.Run();
        }

        if (!_work.IsEmpty)
        {
            Volatile.Write(ref _isWoken, 1);
        }
    }
}
