using System.Runtime.CompilerServices;

namespace MeliProxy.Sidecar.Transport;

/// <summary>A non-blocking socket whose events come on one loop. It can be closed at any time, by any thread.</summary>
/// <remarks>
/// One receives and one sends at a time, on any thread. What is asked of the system is asked only when it has said that there is something:
/// after fewer bytes than asked for, a stream socket has no more until the next event (epoll(7)).
/// </remarks>
internal sealed unsafe class LoopSocket : ILoopWork
{
    private const int ClosedFlag = 1;
    private const int Use = 2;

    /// <summary>How much is thrown away at a time, and in all, when it is closed.</summary>
    private const int Discarded = 16 * 1024;
    private const long MostDiscarded = 1024 * 1024;

    /// <summary>How often it may be received from while its loop does not get to others.</summary>
    private const int Fair = 16;

    private const int Gone = int.MinValue | ClosedFlag;

    private readonly int _descriptor;
    private readonly ILoopSocketUser _user;
    private Readiness _input;
    private Readiness _output;
    private int _uses;
    private bool _isPeerClosed;
    private int _sendFailure;
    private int _turn;
    private int _inTurn;

    /// <summary>Takes over a non-blocking socket.</summary>
    public LoopSocket(int descriptor, EventLoop loop, ILoopSocketUser user, bool isSendable)
    {
        _descriptor = descriptor;
        _user = user;
        Loop = loop;
        if (isSendable)
        {
            _output.Keep();
        }
    }

    public EventLoop Loop { get; }

    /// <summary>What its events are marked with; set by the loop.</summary>
    public ulong Mark { get; set; }

    public bool IsClosed => (Volatile.Read(ref _uses) & ClosedFlag) != 0;

    /// <summary>Whether the other side has closed the connection, or its sending half; there may be bytes before that.</summary>
    public bool IsPeerClosed => Volatile.Read(ref _isPeerClosed);

    /// <summary>Whether receiving is worth a try.</summary>
    public bool IsReceivable => (_input.IsReady && !HasHadItsTurn) || IsClosed;

    /// <summary>Whether sending is worth a try.</summary>
    public bool IsSendable => _output.IsReady || IsClosed;

    /// <summary>Whether the loop is to get to others before more is received.</summary>
    private bool HasHadItsTurn => _inTurn >= Fair && _turn == Loop.Turn;

    /// <summary>Begins to get events; once.</summary>
    public void Start()
    {
        if (TryEnter())
        {
            try
            {
                Loop.Add(this, _descriptor);
            }
            finally
            {
                Leave();
            }
        }
    }

    /// <summary>Makes the next receiving ask the system, whether it has said something or not.</summary>
    public void Probe() => _input.Signal();

    /// <summary>Receives what is there.</summary>
    /// <returns>How much; 0 at the end; otherwise the negative of an <see cref="Errno"/>.</returns>
    public int Receive(Span<byte> buffer)
    {
        if (!TryEnter())
        {
            return -Errno.BadDescriptor;
        }

        int turn = Loop.Turn;
        _inTurn = turn == _turn ? _inTurn + 1 : 0;
        _turn = turn;
        _input.Clear();
        int received;
        do
        {
            fixed (byte* bytes = buffer)
            {
                received = (int)LibC.Receive(_descriptor, bytes, buffer.Length, 0);
            }

            if (received < 0)
            {
                received = -Errno.Last();
            }
        }
        while (received == -Errno.Interrupted);

        Leave();
        if (received == 0 && buffer.Length > 0 && Volatile.Read(ref _sendFailure) is var failure and not 0)
        {
            // The system tells an error once, and who sent has got it; what is left for who receives looks like a good end.
            received = -failure;
        }

        if (received != -Errno.TryAgain && (received <= 0 || received == buffer.Length || IsPeerClosed))
        {
            _input.Keep();
        }

        return received;
    }

    /// <summary>Sends what there is room for.</summary>
    /// <param name="buffer">What to send; not empty.</param>
    /// <param name="hasMore">Whether more follows at once.</param>
    /// <returns>How much; otherwise the negative of an <see cref="Errno"/>.</returns>
    public int Send(ReadOnlySpan<byte> buffer, bool hasMore = false)
    {
        if (!TryEnter())
        {
            return -Errno.BadDescriptor;
        }

        _output.Clear();
        int sent;
        do
        {
            fixed (byte* bytes = buffer)
            {
                sent = (int)LibC.Send(_descriptor, bytes, buffer.Length, hasMore ? LibC.NoSignal | LibC.MoreToCome : LibC.NoSignal);
            }

            if (sent < 0)
            {
                sent = -Errno.Last();
            }
        }
        while (sent == -Errno.Interrupted);

        Leave();
        if (sent == buffer.Length)
        {
            _output.Keep();
        }
        else if (sent < 0 && sent != -Errno.TryAgain)
        {
            Volatile.Write(ref _sendFailure, -sent);
            _output.Keep();
        }

        return sent;
    }

    /// <summary>Takes the next connection of a listening socket.</summary>
    /// <returns>Its descriptor; otherwise the negative of an <see cref="Errno"/>.</returns>
    public int Accept(Span<byte> address, out int addressLength)
    {
        addressLength = 0;
        if (!TryEnter())
        {
            return -Errno.BadDescriptor;
        }

        _input.Clear();
        int length = address.Length;
        int accepted;
        fixed (byte* bytes = address)
        {
            accepted = LibC.Accept(_descriptor, bytes, &length, LibC.NonBlocking | LibC.CloseOnExec);
        }

        if (accepted < 0)
        {
            accepted = -Errno.Last();
        }

        Leave();
        if (accepted != -Errno.TryAgain)
        {
            // There may be more, and nothing tells that there is not.
            _input.Keep();
        }

        addressLength = length;
        return accepted;
    }

    /// <summary>How connecting went, once it is over.</summary>
    /// <returns>An <see cref="Errno"/>; 0 if it is connected.</returns>
    public int ConnectResult()
    {
        if (!TryEnter())
        {
            return Errno.BadDescriptor;
        }

        int error = 0;
        int length = sizeof(int);
        if (LibC.GetSocketOption(_descriptor, LibC.SocketLevel, LibC.ErrorOption, &error, &length) < 0)
        {
            error = Errno.Last();
        }

        Leave();
        return error;
    }

    /// <summary>Has <see cref="ILoopSocketUser.OnReceivable"/> called once receiving is worth a try.</summary>
    /// <returns><see langword="false"/> if it is so already.</returns>
    public bool TryAwaitReceivable()
    {
        if (HasHadItsTurn && !IsClosed)
        {
            _input.AwaitNextTurn();
            Loop.Post(this);
            return true;
        }

        return _input.TryAwait() && !(IsClosed && _input.TryStopWaiting());
    }

    /// <summary>Has <see cref="ILoopSocketUser.OnSendable"/> called once sending is worth a try.</summary>
    /// <returns><see langword="false"/> if it is so already.</returns>
    public bool TryAwaitSendable() => _output.TryAwait() && !(IsClosed && _output.TryStopWaiting());

    /// <summary>Closes it once what was sent is on its way. Whoever waits is told on the loop.</summary>
    public void Close() => Close(isReset: false);

    /// <summary>Closes it so that the other side is told that something went wrong.</summary>
    public void Reset() => Close(isReset: true);

    /// <summary>Lets the other side know that nothing more comes, and closes it.</summary>
    /// <remarks>
    /// What has come and was not read would make the system reset the connection, and the other side may lose the end of what was sent to it. So
    /// it is taken and thrown away, as far as it is there.
    /// </remarks>
    public void ShutdownAndClose()
    {
        if (TryEnter())
        {
            _ = LibC.Shutdown(_descriptor, LibC.ShutdownSending);
            byte* unread = stackalloc byte[Discarded];
            for (long left = MostDiscarded; left > 0;)
            {
                nint received = LibC.Receive(_descriptor, unread, Discarded, 0);
                if (received <= 0)
                {
                    break;
                }

                left -= received;
            }

            Leave();
        }

        Close();
    }

    /// <summary>Something has happened.</summary>
    public void OnEvents(uint events)
    {
        if ((events & EventLoop.AnyPeerClosed) != 0)
        {
            Volatile.Write(ref _isPeerClosed, true);
            if (_input.Signal())
            {
                _user.OnReceivable();
            }
            else
            {
                _user.OnPeerClosed();
            }

            if (_output.Signal())
            {
                _user.OnSendable();
            }

            return;
        }

        // What there is to send may be what the other side waits for before it sends more.
        if ((events & EventLoop.Sendable) != 0 && _output.Signal())
        {
            _user.OnSendable();
        }

        if ((events & EventLoop.Receivable) != 0 && _input.Signal())
        {
            _user.OnReceivable();
        }
    }

    /// <summary>Tells those who wait that it is closed.</summary>
    void ILoopWork.Run()
    {
        if (_output.Signal())
        {
            _user.OnSendable();
        }

        if (_input.Signal())
        {
            _user.OnReceivable();
        }
    }

    private void Close(bool isReset)
    {
        if (isReset && TryEnter())
        {
            long lingerForNoTime = 1;
            _ = LibC.SetSocketOption(_descriptor, LibC.SocketLevel, LibC.LingerOption, &lingerForNoTime, sizeof(long));
            Leave();
        }

        if ((Interlocked.Or(ref _uses, ClosedFlag) & ClosedFlag) == 0)
        {
            CloseIfUnused();
            Loop.Post(this);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryEnter()
    {
        if ((Interlocked.Add(ref _uses, Use) & ClosedFlag) == 0)
        {
            return true;
        }

        Leave();
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Leave()
    {
        if (Interlocked.Add(ref _uses, -Use) == ClosedFlag)
        {
            CloseIfUnused();
        }
    }

    /// <summary>The descriptor's number may be another socket's as soon as it is closed, so nobody may be using it then.</summary>
    private void CloseIfUnused()
    {
        if (Interlocked.CompareExchange(ref _uses, Gone, ClosedFlag) == ClosedFlag)
        {
            Loop.Remove(this);
            _ = LibC.Close(_descriptor);
        }
    }
}
