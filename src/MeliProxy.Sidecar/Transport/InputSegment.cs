using System.Buffers;

namespace MeliProxy.Sidecar.Transport;

/// <summary>A buffer of what was received, and a part of the sequence that readers see.</summary>
internal sealed class InputSegment : ReadOnlySequenceSegment<byte>
{
    private byte[] _buffer = [];

    /// <summary>How much of the buffer has been received into.</summary>
    public int End { get; private set; }

    public Span<byte> Room => _buffer.AsSpan(End);

    public InputSegment? Following => (InputSegment?)Next;

    /// <summary>Takes a buffer.</summary>
    public void Begin(int size, InputSegment? before)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(size);
        Memory = _buffer;
        End = 0;
        Next = null;
        RunningIndex = 0;
        if (before is not null)
        {
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }

    public void Add(int received) => End += received;

    /// <summary>Gives the buffer back.</summary>
    public void Finish()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        Memory = default;
        Next = null;
    }
}
