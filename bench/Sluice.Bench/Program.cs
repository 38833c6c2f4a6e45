using System.Globalization;
using Sluice.Bench;
using Sluice.Bench.Contenders;

switch (args)
{
    case ["serve", var name]:
        await Contender.All.Single(contender => contender.Name == name).RunAsync!(port =>
        {
            Console.WriteLine(port);
            Console.Out.Flush();
        });
        break;
    case ["load", var name, var port, var seconds]:
        LoadProcess.Run(
            EchoScenario.All.Single(scenario => scenario.Name == name),
            int.Parse(port, CultureInfo.InvariantCulture),
            TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
        break;
    default:
        return Comparison.Run(args);
}

return 0;
