namespace Sluice.Testing;

/// <summary>Represents two runs with the same seed that differ.</summary>
public sealed class SimulationNondeterminismException : InvalidOperationException
{
    internal SimulationNondeterminismException(SimulationTrace first, SimulationTrace second)
        : base($"Two runs with the same seed differ: the test depends on something that the seed does not decide, such as the time of day, a hash code, or random keys. {Compare(first, second)}")
    {
    }

    private static string Compare(SimulationTrace first, SimulationTrace second)
    {
        string[] one = first.ToString().Split(Environment.NewLine);
        string[] other = second.ToString().Split(Environment.NewLine);
        int same = one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
        return same == one.Length && same == other.Length
            ? "Their traces are the same, and the bytes of their packets, or the order of what ran, are not."
            : $"The first differs with '{(same < one.Length ? one[same] : "its end")}', the second with '{(same < other.Length ? other[same] : "its end")}'.";
    }
}
