using MeliProxy.RateLimiting.Nats.Sharing;

namespace MeliProxy.RateLimiting.Nats.Tests.Sharing;

public sealed class ServerTextTests
{
    [Theory]
    [InlineData("nats://127.0.0.1:4222", "nats://127.0.0.1:4222")]
    [InlineData("nats://example.com", "nats://example.com:4222")]
    [InlineData("example.com", "nats://example.com:4222")]
    [InlineData("tls://a:1, tls://b:2", "tls://a:1, tls://b:2")]
    [InlineData("nats://me:word@example.com:4222", "nats://example.com:4222")]
    [InlineData("nats://me:***@example.com:4222", "nats://example.com:4222")]
    [InlineData("nats://token@example.com", "nats://example.com:4222")]
    [InlineData("nats://me:word@a:1,nats://me:word@b:2", "nats://a:1, nats://b:2")]
    [InlineData("me:word@a:1", "nats://a:1")]
    [InlineData("nats://me:12,34@a:1", "the configured servers")]
    [InlineData("nats://me:wo/rd@a:1", "the configured servers")]
    [InlineData("", "the configured servers")]
    public void Shows_servers_without_credentials(string urls, string shown) => Assert.Equal(shown, ServerText.Of(urls));
}
