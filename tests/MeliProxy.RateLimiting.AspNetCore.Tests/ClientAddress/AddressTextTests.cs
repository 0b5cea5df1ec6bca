using System.Net;
using CsCheck;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.ClientAddress;

public sealed class AddressTextTests
{
    [Theory]
    [InlineData("1.2.3.4", "1.2.3.4")]
    [InlineData("255.0.255.0", "255.0.255.0")]
    [InlineData("1.2.3.4:567", "1.2.3.4")]
    [InlineData("1.2.3.4:0", "1.2.3.4")]
    [InlineData("1.2.3.4:_hidden", "1.2.3.4")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("[2001:db8::1]", "2001:db8::1")]
    [InlineData("[2001:db8::1]:443", "2001:db8::1")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [InlineData("1::8", "1::8")]
    [InlineData("ABCD:ef01::", "abcd:ef01::")]
    [InlineData("::ffff:1.2.3.4", "1.2.3.4")]
    [InlineData("[::ffff:1.2.3.4]:80", "1.2.3.4")]
    [InlineData("::ffff:102:304", "1.2.3.4")]
    [InlineData("64:ff9b::1.2.3.4", "64:ff9b::102:304")]
    [InlineData("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304")]
    public void Addresses_are_read(string text, string expected)
    {
        Assert.True(AddressText.TryParseHop(text, out ClientIp address));
        Assert.Equal(expected, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("unknown")]
    [InlineData("_hidden")]
    [InlineData("1.2")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("16909060")]
    [InlineData("0x1.2.3.4")]
    [InlineData("01.2.3.4")]
    [InlineData("1.2.3.04")]
    [InlineData("1.2.3.00")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.1000")]
    [InlineData("1.2.3.")]
    [InlineData(".1.2.3")]
    [InlineData("1..2.3")]
    [InlineData("1.2.3.-4")]
    [InlineData("1.2.3.+4")]
    [InlineData(" 1.2.3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("1.2.3.4/8")]
    [InlineData("1.2.3.4:")]
    [InlineData("1.2.3.4:123456")]
    [InlineData("1.2.3.4:8o")]
    [InlineData("1.2.3.4:80:80")]
    [InlineData("[1.2.3.4]")]
    [InlineData("١.2.3.4")]
    [InlineData("1")]
    [InlineData(":")]
    [InlineData(":1")]
    [InlineData("1:")]
    [InlineData(":::")]
    [InlineData("1:::2")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("::1:2:3:4:5:6:7:8")]
    [InlineData("12345::")]
    [InlineData("g::")]
    [InlineData("::1/64")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[fe80::1%2]:80")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("[::1]80")]
    [InlineData("[::1]:")]
    [InlineData("[]")]
    [InlineData("[[::1]]")]
    [InlineData("::1.2.3")]
    [InlineData("::01.2.3.4")]
    [InlineData("::1.2.3.4:5")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    public void What_is_no_address_is_refused(string text) => Assert.False(AddressText.TryParseHop(text, out _));

    [Fact]
    public void Every_IPv4_address_of_the_runtime_is_read() =>
        Gen.UInt.Sample(bits =>
        {
            IPAddress address = new(bits);
            Assert.True(AddressText.TryParseHop(address.ToString(), out ClientIp read));
            Assert.Equal(address.ToString(), read.ToString());
        });

    [Fact]
    public void Nothing_is_read_that_the_runtime_would_not_read_as_the_same_address() =>
        Gen.Char["0123456789abfF:.[]"].Array[0, 24].Sample(
            characters =>
            {
                string text = new(characters);
                if (AddressBits.TryParseIPv6(text, out UInt128 bits))
                {
                    Assert.Equal(ClientIp.BitsOf(IPAddress.Parse(text)), bits);
                }

                if (AddressBits.TryParseIPv4(text, out bits))
                {
                    Assert.Equal(ClientIp.BitsOf(IPAddress.Parse(text)), bits);
                }
            },
            iter: 20_000);

    [Fact]
    public void IPv6_is_read_exactly_when_the_runtime_reads_it() =>
        Gen.OneOfConst(":", "::", "1", "0", "12", "abcd", "1.2.3.4", "fffff").Array[1, 16].Sample(
            parts =>
            {
                string text = string.Concat(parts);
                bool expected = text.Contains(':') && IPAddress.TryParse(text, out _);
                Assert.Equal(expected, AddressBits.TryParseIPv6(text, out _));
            },
            iter: 20_000);
}
