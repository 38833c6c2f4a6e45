using System.CommandLine;
using System.CommandLine.Parsing;

namespace Sluice.Cli.EndPoints;

/// <summary>Makes options errors where the end point is of a kind that cannot have them: an option that has no effect would be worse.</summary>
internal static class OptionKinds
{
    /// <summary>Makes <paramref name="options"/> errors unless each end point is of one of the kinds.</summary>
    /// <param name="command">The command.</param>
    /// <param name="address">The argument with its end points.</param>
    /// <param name="role">How it uses them.</param>
    /// <param name="kinds">The kinds that can have the options.</param>
    /// <param name="options">The options.</param>
    public static void Need(Command command, Argument address, AddressRole role, AddressKind kinds, params Option[] options) =>
        Need(command, result => AddressArgument.Given(result, address, role), kinds, options);

    /// <summary>Makes <paramref name="options"/> errors unless each of some end points is of one of the kinds.</summary>
    public static void Need(Command command, Func<CommandResult, IEnumerable<Address>> ends, AddressKind kinds, params Option[] options) => command.Validators.Add(result =>
    {
        if (Array.Find(options, option => result.GetResult(option) is { Implicit: false }) is { } given
            && ends(result).FirstOrDefault(end => !kinds.HasFlag(end.Kind)) is { } wrong)
        {
            result.AddError($"{given.Name} cannot be used with {wrong}; it is for {AddressArgument.Names(kinds)}.");
        }
    });

    /// <summary>Makes <paramref name="options"/> errors if none of some end points is of one of the kinds.</summary>
    public static void NeedOne(Command command, Func<CommandResult, IEnumerable<Address>> ends, AddressKind kinds, params Option[] options) => command.Validators.Add(result =>
    {
        if (Array.Find(options, option => result.GetResult(option) is { Implicit: false }) is { } given
            && ends(result).FirstOrDefault() is { } first && ends(result).All(end => !kinds.HasFlag(end.Kind)))
        {
            result.AddError($"{given.Name} has no effect with {first}; it is for {AddressArgument.Names(kinds)}.");
        }
    });
}
