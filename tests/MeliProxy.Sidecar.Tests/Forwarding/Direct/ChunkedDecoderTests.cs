using System.Text;
using MeliProxy.Sidecar.Forwarding.Direct;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.Tests.Forwarding.Direct;

public class ChunkedDecoderTests
{
    private const string Body = "5\r\nhello\r\n00A;x=\"y\"\r\n, wonderfu\r\n3 ;a\r\nl w\r\nFF\r\n";

    private readonly ChunkedDecoder _decoder = new();

    public static TheoryData<int> Steps => [1, 2, 3, 7, 64, 100_000];

    [Theory]
    [MemberData(nameof(Steps))]
    public void However_it_comes_it_is_the_same(int step)
    {
        string long255 = new('z', 255);
        HeaderDictionary trailers = [];
        _decoder.Reset();
        _decoder.Trailers = trailers;
        Assert.Equal(
            $"hello, wonderful w{long255}",
            Decode($"{Body}{long255}\r\n0;last\r\nX-T: 1\r\nX-T: 2\r\nConnection: x\r\n\r\nnext answer", step, out string rest));
        Assert.True(_decoder.IsDone);
        Assert.Equal("next answer", rest);
        Assert.Equal("1,2", trailers["X-T"].ToString());
        Assert.Single(trailers);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("x\r\n")]
    [InlineData(" 5\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("0x5\r\n")]
    [InlineData("5 5\r\n")]
    [InlineData("5\nhello")]
    [InlineData("5;a\nb\r\n")]
    [InlineData("5;a\rb\r\n")]
    [InlineData("5\r\nhelloX\r\n")]
    [InlineData("5\r\nhello\n")]
    [InlineData("8000000000000000\r\n")]
    [InlineData("10000000000000000\r\n")]
    [InlineData("0\r\nno colon\r\n")]
    [InlineData("0\r\na b: c\r\n")]
    [InlineData("0\r\n: c\r\n")]
    public void What_could_be_read_in_two_ways_is_refused(string body)
    {
        foreach (int step in Steps)
        {
            _decoder.Reset();
            Assert.Equal(UpstreamFault.InvalidAnswer, Assert.Throws<UpstreamFaultException>(() => Decode(body, step, out _)).Fault);
        }
    }

    [Fact]
    public void Lines_and_trailers_have_an_end()
    {
        _decoder.Reset();
        Assert.Throws<UpstreamFaultException>(() => Decode("5;" + new string('x', 20_000), 100, out _));
        _decoder.Reset();
        Assert.Throws<UpstreamFaultException>(() => Decode("0\r\n" + string.Concat(Enumerable.Repeat("a: b\r\n", 20_000)), 100, out _));
    }

    private string Decode(string body, int step, out string rest)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(body);
        StringBuilder decoded = new();
        int at = 0;
        while (at < bytes.Length && !_decoder.IsDone)
        {
            Span<byte> part = bytes.AsSpan(at, Math.Min(step, bytes.Length - at));
            int consumed = _decoder.Decode(part, out int produced);
            decoded.Append(Encoding.Latin1.GetString(part[..produced]));
            at += consumed;
        }

        rest = Encoding.Latin1.GetString(bytes.AsSpan(at));
        return decoded.ToString();
    }
}
