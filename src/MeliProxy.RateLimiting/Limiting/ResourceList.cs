using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>Tells resources by the values of some of their key parts.</summary>
internal sealed class ResourceList<TResource>
{
    private readonly (IPartitionKeySource<TResource> Source, ValueList Values)[] _parts;

    /// <param name="parts">Each part once, with the values that are in the list.</param>
    public ResourceList(IEnumerable<(IPartitionKeySource<TResource> Source, ValueList Values)> parts) => _parts = [.. parts];

    public bool Contains(TResource resource, Span<char> buffer)
    {
        foreach ((IPartitionKeySource<TResource> source, ValueList values) in _parts)
        {
            PartitionKeyWriter writer = new(buffer);
            try
            {
                if (source.TryWrite(resource, ref writer) && values.Contains(writer.Written))
                {
                    return true;
                }
            }
            finally
            {
                writer.Dispose();
            }
        }

        return false;
    }
}
