using MeliProxy.RateLimiting.Nats.Sharing;

namespace MeliProxy.RateLimiting.Nats.Tests.Sharing;

public sealed class LanesTests
{
    [Fact]
    public async Task What_is_in_the_first_one_is_taken_first_and_in_each_the_oldest_makes_room()
    {
        List<int> dropped = [];
        Lanes<int> lanes = new(3, dropped.Add);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(lanes.TryAdd(i, isFirst: false));
        }

        Assert.True(lanes.TryAdd(10, isFirst: true));
        lanes.Complete();
        Assert.False(lanes.TryAdd(11, isFirst: true));

        List<int> taken = [];
        while (await lanes.WaitAsync(TestContext.Current.CancellationToken))
        {
            while (lanes.TryTake(out int item))
            {
                taken.Add(item);
            }
        }

        Assert.Equal([10, 2, 3, 4], taken);
        Assert.Equal([0, 1], dropped);
    }

    [Fact]
    public async Task What_comes_while_it_is_waited_for_is_found()
    {
        Lanes<int> lanes = new(100_000, _ => { });
        Task adding = Task.Run(
            () =>
            {
                for (int i = 0; i < 50_000; i++)
                {
                    lanes.TryAdd(i, isFirst: i % 3 == 0);
                }

                lanes.Complete();
            },
            TestContext.Current.CancellationToken);
        int taken = 0;
        while (await lanes.WaitAsync(TestContext.Current.CancellationToken))
        {
            while (lanes.TryTake(out _))
            {
                taken++;
            }
        }

        await adding;
        Assert.Equal(50_000, taken);
    }
}
