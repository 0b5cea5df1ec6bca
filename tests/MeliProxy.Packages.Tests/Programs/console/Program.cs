using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Rules;

QuotaLimiterOptions<Order> options = new();
options.KeySources.Add("customer", order => order.Customer);
options.Rules.Add(new RateLimitRule { Name = "per-customer", Key = ["customer"], Limit = 2, Window = TimeSpan.FromDays(1) });
QuotaLimiter<Order> limiter = new(options);

foreach (Order order in new Order[] { new("ann"), new("ann"), new("ann"), new("bob") })
{
    QuotaDecision decision = limiter.Decide(order);
    Console.WriteLine($"{order.Customer}: {(decision.IsAllowed ? $"allowed, {decision.Remaining} left" : $"rejected by {decision.Rule!.Name}")}");
}

record Order(string Customer);
