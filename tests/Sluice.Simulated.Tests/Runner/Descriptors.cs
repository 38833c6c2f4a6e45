namespace Sluice.TestKit;

/// <summary>Stands for the class of the test kit: the descriptors are the sockets that the simulated host has open, and the engine has no threads.</summary>
internal static class Descriptors
{
    public static int Count() => SimulatedRun.Current.Host.Domain.OpenSockets;

    public static int Threads(string name) => name.Length > 0 ? 0 : throw new ArgumentException("There is no such name.", nameof(name));
}
