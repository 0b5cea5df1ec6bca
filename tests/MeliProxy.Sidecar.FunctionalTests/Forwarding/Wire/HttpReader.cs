using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

/// <summary>
/// Reads messages of HTTP/1.1 from a socket, by the letter: what is not as RFC 9112 has it is noted as a fault of the message. It is the
/// judge of both forwarders, so it shares no code with either.
/// </summary>
internal sealed class HttpReader(Socket socket)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>Whether nothing more will come.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the end was a reset, so that something may be missing.</summary>
    public bool WasReset { get; private set; }

    /// <summary>Whether there is a byte to read; waits for one.</summary>
    public async Task<bool> WaitAsync(CancellationToken cancellationToken) => _start < _end || await FillAsync(cancellationToken);

    /// <summary>Reads and forgets what comes until the connection ends.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        do
        {
            _start = _end = 0;
        }
        while (await FillAsync(cancellationToken));
    }

    /// <summary>Reads a head; <see langword="null"/> if the connection ends before it begins.</summary>
    public async Task<HttpMessage?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        List<string> faults = [];
        if (!await WaitAsync(cancellationToken) || await ReadLineAsync(faults, cancellationToken) is not { } startLine)
        {
            return null;
        }

        HttpMessage message = new(startLine);
        message.Faults.AddRange(faults);
        message.HasHead = await ReadFieldsAsync(message, message.Headers, cancellationToken);
        return message;
    }

    /// <summary>Reads a framed body until it has so many bytes in all, is complete, or the connection has ended.</summary>
    public async Task ReadBodyAsync(HttpMessage message, long until, Action<int> onRead, CancellationToken cancellationToken)
    {
        while (!message.IsComplete && message.Body.Length < until)
        {
            if (message.Framing == Framing.Chunked && message.Remaining == 0 && !await ReadChunkSizeAsync(message, cancellationToken))
            {
                return;
            }

            if (message.IsComplete)
            {
                return;
            }

            if (!await WaitAsync(cancellationToken))
            {
                message.IsComplete = message.Framing == Framing.Close && !WasReset;
                return;
            }

            long wanted = Math.Min(until - message.Body.Length, message.Framing == Framing.Close ? long.MaxValue : message.Remaining);
            int length = (int)Math.Min(wanted, _end - _start);
            message.Body.Write(_buffer, _start, length);
            _start += length;
            message.Remaining -= length;
            onRead(length);
            if (message.Remaining == 0)
            {
                if (message.Framing == Framing.Length)
                {
                    message.IsComplete = true;
                }
                else if (message.Framing == Framing.Chunked && await ReadLineAsync(message.Faults, cancellationToken) is { Length: > 0 })
                {
                    message.Faults.Add("chunk longer than its size");
                }
            }
        }
    }

    private async Task<bool> ReadChunkSizeAsync(HttpMessage message, CancellationToken cancellationToken)
    {
        if (await ReadLineAsync(message.Faults, cancellationToken) is not { } line)
        {
            return false;
        }

        if (!long.TryParse(line.Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long size) || size < 0)
        {
            message.Faults.Add("chunk size");
            return false;
        }

        message.Remaining = size;
        if (size == 0)
        {
            message.IsComplete = await ReadFieldsAsync(message, message.Trailers, cancellationToken);
            return message.IsComplete;
        }

        return true;
    }

    /// <summary>Reads header or trailer fields; <see langword="false"/> if the connection ends before they do.</summary>
    private async Task<bool> ReadFieldsAsync(
        HttpMessage message, List<(string Name, string Value)> fields, CancellationToken cancellationToken)
    {
        while (await ReadLineAsync(message.Faults, cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                return true;
            }

            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan(0, colon).ContainsAny(" \t\0"))
            {
                message.Faults.Add("header line");
            }

            fields.Add(colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        return false;
    }

    /// <summary>Reads a line without its end; <see langword="null"/> if the connection ends first.</summary>
    private async Task<string?> ReadLineAsync(List<string> faults, CancellationToken cancellationToken)
    {
        int searched = 0;
        int lineFeed;
        while ((lineFeed = Array.IndexOf(_buffer, (byte)'\n', _start + searched, _end - _start - searched)) < 0)
        {
            searched = _end - _start;
            if (!await FillAsync(cancellationToken))
            {
                return null;
            }
        }

        string line = Encoding.Latin1.GetString(_buffer, _start, lineFeed - _start);
        _start = lineFeed + 1;
        if (line.EndsWith('\r'))
        {
            line = line[..^1];
        }
        else
        {
            faults.Add("line end");
        }

        if (line.AsSpan().ContainsAny("\r\0"))
        {
            faults.Add("CR or NUL");
        }

        return line;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (HasEnded)
        {
            return false;
        }

        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        try
        {
            int length = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += length;
            HasEnded = length == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed by this side, which has broken the connection itself.
            HasEnded = WasReset = true;
        }

        return !HasEnded;
    }
}
