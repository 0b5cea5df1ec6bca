using MeliProxy.RateLimiting.Keys;

namespace MessageConsumer;

/// <summary>The key part <c>account</c>. A number is written as it is, so no string is made for it.</summary>
internal sealed class AccountKeySource : IPartitionKeySource<Message>
{
    public bool TryWrite(Message resource, ref PartitionKeyWriter writer)
    {
        writer.Append(resource.Account);
        return true;
    }
}
