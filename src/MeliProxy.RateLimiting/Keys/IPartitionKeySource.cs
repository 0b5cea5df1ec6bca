namespace MeliProxy.RateLimiting.Keys;

/// <summary>Computes one part of a partition key from a resource.</summary>
/// <typeparam name="TResource">The kind of resource, such as <c>HttpContext</c> or a message.</typeparam>
/// <remarks>
/// Called on the request path by many threads at once: it must not block, and should not allocate. It may be asked twice for a resource, the
/// second time for the text of a key that is to be among the <see cref="QuotaLimiter{TResource}.GetTopKeys"/>.
/// </remarks>
public interface IPartitionKeySource<in TResource>
{
    /// <summary>Writes the part's value.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="writer">Takes the value; may be written to several times.</param>
    /// <returns><see langword="false"/> if the resource lacks this part; what was written is then ignored.</returns>
    bool TryWrite(TResource resource, ref PartitionKeyWriter writer);
}
