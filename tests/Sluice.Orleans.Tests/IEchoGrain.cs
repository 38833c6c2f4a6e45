namespace Sluice.Orleans.Tests;

/// <summary>Answers from the silo that it was placed on.</summary>
public interface IEchoGrain : IGrainWithIntegerKey
{
    Task<byte[]> EchoAsync(byte[] bytes);

    Task<string> SiloAsync();

    /// <summary>Calls a grain, perhaps of another silo, through this one.</summary>
    Task<byte[]> ThroughAsync(long other, byte[] bytes);
}
