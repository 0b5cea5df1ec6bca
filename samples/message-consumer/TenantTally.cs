namespace MessageConsumer;

/// <summary>What became of one tenant's messages.</summary>
internal sealed class TenantTally
{
    private int _handled;
    private int _rejected;

    public void Handled() => Interlocked.Increment(ref _handled);

    public void Rejected() => Interlocked.Increment(ref _rejected);

    public override string ToString() => $"{_handled} handled, {_rejected} rejected";
}
