using System.Globalization;
using System.Numerics;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Tests.Demo.Catalog;

public sealed class MarketplaceIdTests
{
    [Theory]
    [InlineData("")]
    [InlineData("MLA")]
    [InlineData("MLA12a")]
    [InlineData("MLA١٢")]
    [InlineData("MXX12")]
    [InlineData("XXX")]
    public void Anything_but_a_known_site_and_digits_is_no_id(string text) => Assert.False(MarketplaceId.TryParse(text, out _));

    [Theory]
    [InlineData("MLA97994")]
    [InlineData("MLB00000000000000000000000000000017")]
    [InlineData("MCO98765432109876543210987654321098765432109876543210")]
    public void The_remainder_is_right_for_any_number_of_digits(string text)
    {
        Assert.True(MarketplaceId.TryParse(text, out MarketplaceId? id));
        Assert.Equal((int)(BigInteger.Parse(text.AsSpan(3), CultureInfo.InvariantCulture) % 45), id.Modulo(45));
        Assert.Equal(text, id.ToString());
    }
}
