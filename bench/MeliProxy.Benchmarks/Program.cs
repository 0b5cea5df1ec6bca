using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using MeliProxy.Benchmarks;

switch (args)
{
    case ["quick"]:
        QuickRun.Run();
        break;
    case ["cap"]:
        CapRun.Run();
        break;
    case ["top"]:
        TopKeysRun.Run();
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(QuickRun).Assembly).Run(args, ManualConfig.Union(DefaultConfig.Instance, new BothRuntimes()));
        break;
}
