using System.Text;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Tests.Demo.Catalog;

public sealed class StableDrawsTests
{
    [Fact]
    public void The_hash_is_FNV_1a() => Assert.Equal(0x85944171F73967E8ul, StableHash.Of(Encoding.ASCII.GetBytes("foobar")));

    [Fact]
    public void A_seed_gives_the_same_row_in_every_process()
    {
        StableDraws draws = new("MLA97994");

        Assert.Equal([0x6AA66DB0C2801037ul, 0x5C9B594AFD34E5ADul, 0xAF0BC85A84D1969Bul], [draws.Next(), draws.Next(), draws.Next()]);
    }

    [Fact]
    public void Draws_stay_within_their_bounds_and_reach_them()
    {
        StableDraws draws = new("bounds");
        int[] numbers = [.. Enumerable.Range(0, 1000).Select(_ => draws.Between(-2, 3))];

        Assert.Equal([-2, -1, 0, 1, 2], numbers.Distinct().Order());
    }
}
