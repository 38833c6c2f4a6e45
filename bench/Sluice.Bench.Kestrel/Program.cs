using System.Globalization;
using Sluice.Bench.Kestrel;

// Usage: Sluice.Bench.Kestrel sluice|sockets [http1|http2|https|grpc|signalr|mqtt]     prints its port, and answers
//        Sluice.Bench.Kestrel load grpc|signalr|mqtt PORT SECONDS                      prints how many answers a second it gets
switch (args)
{
    case ["load", string protocol, string port, string seconds]:
        double rate = await Load.RunAsync(protocol, int.Parse(port, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
        Console.WriteLine(rate.ToString("0.#", CultureInfo.InvariantCulture));
        break;
    case ["sluice" or "sockets", ..]:
        await Server.RunAsync(useSluice: args[0] == "sluice", args.ElementAtOrDefault(1) ?? "http1");
        break;
    default:
        throw new ArgumentException("The first lines of Program.cs say what the arguments are.");
}
