using System.Globalization;
using Sluice.Bench.Scale;

// What many connections cost a server, idle and busy:
//   dotnet run -c Release --project bench/Sluice.Bench.Scale [-- CONNECTIONS … [--tls] [--seconds 5]]
// A server of yours, whose process has the id PID. Its clients say the lines that SAY has, between semicolons, and then wait:
//   dotnet run -c Release --project bench/Sluice.Bench.Scale -- CONNECTIONS … --pid PID --port PORT [--say "HELLO;JOIN room 0"]
switch (args)
{
    case ["server", var tls]:
        await EchoServer.RunAsync(tls: tls == "tls");
        break;
    case ["client", var port, var address, var tls, var say]:
        await Client.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), address, tls: tls == "tls", say);
        break;
    default:
        new Measurement(args).Run();
        break;
}
