using MeliProxy.Sidecar.Commands;
using MeliProxy.Sidecar.Hosting;

InlineScheduling.TurnOn();
return await CommandLine.RunAsync(args);
