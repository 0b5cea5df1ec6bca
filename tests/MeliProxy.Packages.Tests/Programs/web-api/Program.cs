using MeliProxy.RateLimiting.Rules;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
builder.Services.AddQuotaLimiter(options => options.Rules.Add(new RateLimitRule
{
    Name = "per-ip",
    Key = ["client-ip"],
    Limit = 2,
    Window = TimeSpan.FromHours(1),
}));
WebApplication app = builder.Build();
app.UseQuotaLimiter();
app.MapGet("/", () => "hello");
app.Run();
