using System.CommandLine;
using System.CommandLine.Parsing;

namespace Sluice.Cli.EndPoints;

/// <summary>Creates the arguments that are end points.</summary>
internal static class AddressArgument
{
    /// <summary>Creates an argument that is one end point.</summary>
    /// <param name="description">What the command does with the end point.</param>
    /// <param name="role">How the command uses the end point.</param>
    /// <param name="kinds">The kinds the command can use.</param>
    /// <param name="ifNone">The end point if none is given; without one, the argument is required.</param>
    public static Argument<Address?> One(string description, AddressRole role, AddressKind kinds, Address? ifNone = null)
    {
        var argument = new Argument<Address?>("END_POINT")
        {
            Description = description,
            Arity = new ArgumentArity(ifNone is null ? 1 : 0, 2),
            CustomParser = result =>
            {
                Address[] parsed = Parse(result, role, kinds);
                if (parsed.Length > 1)
                {
                    result.AddError($"'{parsed[1]}' is one end point too many.");
                }

                return parsed is [var only, ..] ? only : null;
            },
        };
        if (ifNone is not null)
        {
            argument.DefaultValueFactory = _ => ifNone;
        }

        return argument;
    }

    /// <summary>Parses the end points of an argument. An error ends up in its result.</summary>
    public static Address[] Parse(ArgumentResult result, AddressRole role, AddressKind kinds)
    {
        var addresses = new List<Address>();
        foreach (string text in AddressTokens.Join([.. result.Tokens.Select(token => token.Value)]))
        {
            if (TryParse(text, role, kinds, out string? error) is { } address)
            {
                addresses.Add(address);
                continue;
            }

            result.AddError(error!);
            return [];
        }

        return [.. addresses];
    }

    /// <summary>Parses one end point, which has to be of one of the kinds.</summary>
    public static Address? TryParse(string text, AddressRole role, AddressKind kinds, out string? error)
    {
        if (!AddressParser.TryParse(text, role, out Address? address, out error))
        {
            return null;
        }

        if (kinds.HasFlag(address.Kind))
        {
            return address;
        }

        error = $"'{text}' cannot be used here; this end point is {Names(kinds)}.";
        return null;
    }

    /// <summary>Gets the end points that the command line gives an argument, without those that are none.</summary>
    public static IEnumerable<Address> Given(CommandResult result, Argument argument, AddressRole role) =>
        from text in AddressTokens.Join([.. (result.GetResult(argument)?.Tokens ?? []).Select(token => token.Value)])
        let address = TryParse(text, role, AddressKind.All, out _)
        where address is not null
        select address;

    /// <summary>Names kinds of end points, as in "tls:// or unix:".</summary>
    public static string Names(AddressKind kinds)
    {
        (AddressKind Kind, string Name)[] all =
        [
            (AddressKind.Tcp, "HOST:PORT"), (AddressKind.Tls, "tls://"), (AddressKind.Udp, "udp://"), (AddressKind.Unix, "unix:"),
            (AddressKind.Descriptor, "fd:"), (AddressKind.Command, "exec:"), (AddressKind.Standard, "-"),
        ];
        string[] names = [.. all.Where(one => kinds.HasFlag(one.Kind)).Select(one => one.Name)];
        return names.Length == 1 ? names[0] : $"{string.Join(", ", names[..^1])} or {names[^1]}";
    }
}
