using MeliProxy.Sidecar.Commands;

return await CommandLine.RunAsync(args);
