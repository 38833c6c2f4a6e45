using System.CommandLine;
using System.CommandLine.Parsing;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Relay;

/// <summary>The end points of a relay.</summary>
/// <param name="Listen">Where it listens.</param>
/// <param name="Targets">Where it connects to.</param>
internal sealed record RelayEnds(Address Listen, IReadOnlyList<Address> Targets)
{
    /// <summary>Creates the argument <c>LISTEN TARGET…</c>.</summary>
    public static Argument<RelayEnds> Argument() => new("LISTEN TARGET")
    {
        Description = "Where to listen, and where to connect to. Several targets share the connections, and stand in for each other.",
        Arity = new ArgumentArity(2, 1000),
        CustomParser = result =>
        {
            IReadOnlyList<string> texts = AddressTokens.Join([.. result.Tokens.Select(token => token.Value)]);
            var addresses = new List<Address>();
            foreach (string text in texts)
            {
                AddressRole role = addresses.Count == 0 ? AddressRole.Listen : AddressRole.Connect;
                if (AddressArgument.TryParse(text, role, AddressKind.All, out string? error) is not { } address)
                {
                    result.AddError(error!);
                    return null!;
                }

                addresses.Add(address);
            }

            if (addresses.Count < 2)
            {
                result.AddError("A relay needs a target: sluice relay LISTEN TARGET.");
                return null!;
            }

            if (addresses.Where(address => address.Kind is AddressKind.Standard or AddressKind.Descriptor).CountBy(address => address).FirstOrDefault(one => one.Value > 1).Key is { } twice)
            {
                result.AddError($"'{twice}' can be used only once.");
                return null!;
            }

            return new RelayEnds(addresses[0], addresses[1..]);
        },
    };

    /// <summary>Gets where the command line says to listen; nothing if that is no end point.</summary>
    public static IEnumerable<Address> ListenOf(CommandResult result) => Given(result).Take(1);

    /// <summary>Gets where the command line says to connect to.</summary>
    public static IEnumerable<Address> TargetsOf(CommandResult result) => Given(result).Skip(1);

    /// <summary>Gets all end points that the command line says.</summary>
    public static IEnumerable<Address> AllOf(CommandResult result) => Given(result);

    private static IEnumerable<Address> Given(CommandResult result) =>
        AddressArgument.Given(result, result.Command.Arguments.OfType<Argument<RelayEnds>>().Single(), AddressRole.Listen);
}
