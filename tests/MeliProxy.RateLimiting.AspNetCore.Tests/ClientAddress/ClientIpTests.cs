using System.Net;
using CsCheck;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.ClientAddress;

public sealed class ClientIpTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1::", "1::")]
    [InlineData("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("2001:0:0:1:0:0:0:1", "2001:0:0:1::1")]
    [InlineData("0:0:1:0:0:0:0:0", "0:0:1::")]
    [InlineData("fe80::1%7", "fe80::1")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void An_address_has_one_text(string address, string expected) =>
        Assert.Equal(expected, ClientIp.From(IPAddress.Parse(address)).ToString());

    [Theory]
    [InlineData(64, "2001:db8:1:2::/64")]
    [InlineData(56, "2001:db8:1::/56")]
    [InlineData(48, "2001:db8:1::/48")]
    [InlineData(127, "2001:db8:1:2:3:4:5:6/127")]
    [InlineData(1, "::/1")]
    [InlineData(0, "::/0")]
    [InlineData(128, "2001:db8:1:2:3:4:5:7")]
    public void IPv6_is_cut_to_the_prefix(int prefixLength, string expected) =>
        Assert.Equal(expected, new ClientIp(ClientIp.BitsOf(IPAddress.Parse("2001:db8:1:2:3:4:5:7")), prefixLength).ToString());

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    [InlineData(128)]
    public void IPv4_is_never_cut(int prefixLength) =>
        Assert.Equal("203.0.113.7", new ClientIp(ClientIp.BitsOf(IPAddress.Parse("203.0.113.7")), prefixLength).ToString());

    [Fact]
    public void A_network_is_not_its_first_address()
    {
        UInt128 bits = ClientIp.BitsOf(IPAddress.Parse("2001:db8::"));

        Assert.NotEqual(new ClientIp(bits, 64), new ClientIp(bits, 128));
        Assert.Equal(new ClientIp(bits, 64), new ClientIp(bits + 1, 64));
    }

    [Fact]
    public void Formatting_needs_room_for_the_text_and_no_more()
    {
        ClientIp address = ClientIp.From(IPAddress.Parse("203.0.113.7"));
        Span<char> text = stackalloc char[11];

        Assert.True(address.TryFormat(text, out int written, default, null));
        Assert.Equal("203.0.113.7", text[..written]);
        Assert.False(address.TryFormat(text[..10], out written, default, null));
        Assert.Equal(0, written);
    }

    [Fact]
    public void IPv6_has_the_text_that_the_runtime_gives_it() =>
        Groups.Sample(groups =>
        {
            IPAddress address = AddressOf(groups);
            Assert.Equal(address.ToString(), ClientIp.From(address).ToString());
        });

    [Fact]
    public void Text_is_read_back_as_the_same_address() =>
        Groups.Sample(groups =>
        {
            ClientIp address = ClientIp.From(AddressOf(groups));
            Assert.True(AddressText.TryParseHop(address.ToString(), out ClientIp read));
            Assert.Equal(address, read);
        });

    /// <summary>Many zeros, to meet every way of shortening. A first group of 0 or a 5efe would make the runtime write IPv4 inside.</summary>
    private static readonly Gen<ushort[]> Groups =
        from first in Gen.UShort[1, 0xffff]
        from rest in Gen.OneOf(Gen.Const((ushort)0), Gen.UShort[0, 0x5efd]).Array[7]
        select (ushort[])[first, .. rest];

    private static IPAddress AddressOf(ushort[] groups) => new([.. groups.SelectMany(g => (byte[])[(byte)(g >> 8), (byte)g])]);
}
