using MeliProxy.RateLimiting.Rules;
using StackExchange.Redis;

namespace MeliProxy.RedisProxy;

/// <summary>A token bucket in Redis, asked by one atomic script per request. Redis has the clock.</summary>
/// <remarks>
/// The key holds the time at which the bucket will be full again, in microseconds, which is all the state that a bucket needs. The script is
/// sent once and called by its hash from then on.
/// </remarks>
internal sealed class RedisBucket
{
    private const string Script = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + ARGV[1]
        local wait = full - now - ARGV[2]
        if wait > 0 then
          return math.ceil(wait)
        end
        redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil(ARGV[2] / 1000) + 1)
        return 0
        """;

    private readonly IDatabase _database;
    private readonly byte[] _hash;
    private readonly RedisKey[] _keys;
    private readonly RedisValue[] _arguments;

    private RedisBucket(IDatabase database, byte[] hash, RateLimitRule rule)
    {
        double interval = rule.Window.TotalMicroseconds / rule.Limit;
        _database = database;
        _hash = hash;
        _keys = [$"bucket:{rule.Name}"];
        _arguments = [interval, interval * rule.Capacity];
    }

    public static async Task<RedisBucket> CreateAsync(IConnectionMultiplexer redis, RateLimitRule rule)
    {
        byte[] hash = await redis.GetServers()[0].ScriptLoadAsync(Script);
        return new RedisBucket(redis.GetDatabase(), hash, rule);
    }

    /// <summary>Takes one permit; gives how many microseconds until there is one, or 0 if it was taken.</summary>
    public async ValueTask<long> TakeAsync() => (long)await _database.ScriptEvaluateAsync(_hash, _keys, _arguments);
}
