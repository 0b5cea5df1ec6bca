using System.Text;
using MeliProxy.Sidecar.Forwarding.Direct;

namespace MeliProxy.Sidecar.Tests.Forwarding.Direct;

public class ResponseHeadTests
{
    private readonly ResponseHead _head = new();

    [Fact]
    public void A_head_is_read_once_it_has_all_come()
    {
        byte[] bytes = Encoding.Latin1.GetBytes("HTTP/1.1 299 Fine, too\r\nContent-Length: 5\r\nX-A:  b c \r\nX-Empty:\r\n\r\nhello");
        int length = bytes.Length - 5;
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(0, _head.Read(bytes.AsSpan(0, i)));
        }

        Assert.Equal(length, _head.Read(bytes));
        Assert.Equal((299, "Fine, too", 5L, false, true), (_head.StatusCode, _head.ReasonPhrase, _head.ContentLength, _head.IsChunked, _head.KeepsAlive));
        Assert.Equal(["Content-Length=", "X-A=b c", "X-Empty="], Fields());
    }

    [Fact]
    public void What_is_as_before_is_not_made_again()
    {
        Read("HTTP/1.1 200 OK\r\nServer: s\r\nDate: today\r\n\r\n");
        string[] first = [.. _head.Fields.ToArray().Select(field => field.Value)];
        Read("HTTP/1.1 200 OK\r\nServer: s\r\nDate: tomorrow\r\n\r\n");
        Assert.Same(first[0], _head.Fields[0].Value);
        Assert.Equal("tomorrow", _head.Fields[1].Value);
        Read("HTTP/1.1 404 Not Found\r\nServer: t\r\n\r\n");
        Assert.Equal(404, _head.StatusCode);
        Assert.Equal(["Server=t"], Fields());
    }

    [Fact]
    public void Reading_the_same_head_again_allocates_nothing()
    {
        byte[] bytes = "HTTP/1.1 200 OK\r\nServer: s\r\nContent-Type: a/b\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\n"u8.ToArray();
        _head.Read(bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _head.Read(bytes);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", true, -1, false)]
    [InlineData("HTTP/1.1 200\r\nConnection: close\r\n\r\n", false, -1, false)]
    [InlineData("HTTP/1.1 200 \r\nconnection: Keep-Alive, Close\r\n\r\n", false, -1, false)]
    [InlineData("HTTP/1.0 200 OK\r\n\r\n", false, -1, false)]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", true, -1, false)]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 7\n\n", true, 7, false)]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n", true, -1, true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n", false, -1, true)]
    public void Framing_is_settled(string head, bool keepsAlive, long length, bool isChunked)
    {
        Read(head);
        Assert.Equal((keepsAlive, length, isChunked), (_head.KeepsAlive, _head.ContentLength, _head.IsChunked));
    }

    [Fact]
    public void Fields_of_one_connection_are_told_apart_this_once()
    {
        Read("HTTP/1.1 200 OK\r\nX-Own: 1\r\nKeep-Alive: timeout=5\r\nConnection: x-own\r\n\r\n");
        Assert.DoesNotContain(_head.Fields.ToArray(), field => field.Kind == ResponseFieldKind.EndToEnd);
        Read("HTTP/1.1 200 OK\r\nX-Own: 1\r\n\r\n");
        Assert.Equal(ResponseFieldKind.EndToEnd, _head.Fields[0].Kind);
    }

    [Theory]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("HTTP/2.0 200 OK\r\n\r\n")]
    [InlineData("http/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 20 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA : b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n A: b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n: b\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n")]
    public void What_could_be_read_in_two_ways_is_refused(string head) =>
        Assert.Equal(UpstreamFault.InvalidAnswer, Assert.Throws<UpstreamFaultException>(() => Read(head)).Fault);

    private string[] Fields() => [.. _head.Fields.ToArray().Select(field => $"{field.Name}={field.Value}")];

    private void Read(string head) => Assert.Equal(head.Length, _head.Read(Encoding.Latin1.GetBytes(head)));
}
