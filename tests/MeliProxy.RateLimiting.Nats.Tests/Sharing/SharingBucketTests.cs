using System.Text;
using MeliProxy.RateLimiting.Nats.Sharing;
using MeliProxy.RateLimiting.Nats.Tests.Server;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.KeyValueStore;

namespace MeliProxy.RateLimiting.Nats.Tests.Sharing;

public sealed class SharingBucketTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_written_only_at_the_revision_it_is_at()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        SharingBucket bucket = await PrepareAsync(connection);

        Assert.Equal(default, await bucket.ReadAsync("secret", Cancellation));
        ulong created = await WriteAsync(bucket, "secret", "one", 0);
        Assert.NotEqual(0ul, created);
        Assert.Equal(0ul, await WriteAsync(bucket, "secret", "two", 0));
        ulong updated = await WriteAsync(bucket, "secret", "three", created);
        Assert.True(updated > created);
        Assert.Equal(0ul, await WriteAsync(bucket, "secret", "four", created));
        Assert.Equal(0ul, await WriteAsync(bucket, "shard.7", "five", updated));

        BucketValue read = await bucket.ReadAsync("secret", Cancellation);
        Assert.Equal(updated, read.Revision);
        Assert.Equal("three", Encoding.UTF8.GetString(read.Bytes.Span));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_deleted_key_is_as_one_that_never_was(bool isPurged)
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        SharingBucket bucket = await PrepareAsync(connection);
        ulong created = await WriteAsync(bucket, "shard.1", "one", 0);
        INatsKVStore store = await new NatsKVContext(new NatsJSContext(connection)).GetStoreAsync("meliproxy-tests", Cancellation);
        await (isPurged
            ? store.PurgeAsync("shard.1", cancellationToken: Cancellation)
            : store.DeleteAsync("shard.1", cancellationToken: Cancellation));

        Assert.Equal(0ul, (await bucket.ReadAsync("shard.1", Cancellation)).Revision);
        Assert.Equal(0ul, await WriteAsync(bucket, "shard.1", "two", created));
        Assert.NotEqual(0ul, await WriteAsync(bucket, "shard.1", "three", 0));
        Assert.Equal("three", Encoding.UTF8.GetString((await bucket.ReadAsync("shard.1", Cancellation)).Bytes.Span));
    }

    [Fact]
    public async Task The_longest_value_is_read_back()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        SharingBucket bucket = await PrepareAsync(connection);
        byte[] value = new byte[Leasing.QuotaSharing.MaxValueLength];
        Array.Fill(value, (byte)0xa5);

        ulong revision = await bucket.WriteAsync("ledger.31.0", value, 0, Cancellation);

        BucketValue read = await bucket.ReadAsync("ledger.31.0", Cancellation);
        Assert.Equal(revision, read.Revision);
        Assert.True(read.Bytes.Span.SequenceEqual(value));
    }

    [Fact]
    public async Task Many_may_make_the_bucket_at_the_same_time()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });

        SharingBucket[] buckets = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PrepareAsync(connection)));

        ulong[] written = await Task.WhenAll(buckets.Select(bucket => WriteAsync(bucket, "secret", "mine", 0)));
        Assert.Single(written, revision => revision != 0);
    }

    [Fact]
    public async Task A_bucket_that_there_is_stays_as_it_is()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        NatsKVContext context = new(new NatsJSContext(connection));
        await context.CreateStoreAsync(
            new NatsKVConfig("meliproxy-tests") { History = 5, Description = "theirs", Storage = NatsKVStorageType.Memory }, Cancellation);

        SharingBucket bucket = await PrepareAsync(connection);

        Assert.NotEqual(0ul, await WriteAsync(bucket, "secret", "one", 0));
        NatsKVStatus status = await (await context.GetStoreAsync("meliproxy-tests", Cancellation)).GetStatusAsync(Cancellation);
        Assert.Equal("theirs", status.Info.Config.Description);
        Assert.Equal(5, status.Info.Config.MaxMsgsPerSubject);
    }

    [Fact]
    public async Task A_server_without_JetStream_is_found_out()
    {
        await using NatsServer server = await NatsServer.StartAloneAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });

        Assert.Equal(BucketState.NoJetStream, (await new SharingBucket(connection, new NatsSubjects("tests"), 1).PrepareAsync(Cancellation)).State);
    }

    private static async Task<SharingBucket> PrepareAsync(NatsConnection connection)
    {
        SharingBucket bucket = new(connection, new NatsSubjects("tests"), replicas: 1);
        Assert.Equal((BucketState.Usable, ""), await bucket.PrepareAsync(Cancellation));
        return bucket;
    }

    private static Task<ulong> WriteAsync(SharingBucket bucket, string key, string value, ulong revision) =>
        bucket.WriteAsync(key, Encoding.UTF8.GetBytes(value), revision, Cancellation);
}
