namespace Sluice.Engine.Interop;

internal static partial class LinuxConstants
{
    /// <summary>IP_BIND_ADDRESS_NO_PORT, linux/in.h.</summary>
    public const int IpBindAddressNoPort = 24;
}
