using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EdgeFleet.ControlPlane.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Scopes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Sites",
                table: "Users",
                type: "TEXT",
                nullable: false,
                defaultValue: "[]");

            migrationBuilder.AddColumn<string>(
                name: "Role",
                table: "ApiTokens",
                type: "TEXT",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Sites",
                table: "Users");

            migrationBuilder.DropColumn(
                name: "Role",
                table: "ApiTokens");
        }
    }
}
